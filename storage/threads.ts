/**
 * Threads of Node's pool. The store's engine holds one for each query that runs, one for the writer and one for an
 * export: with the default of 4, four long queries would hold up every write. Node reads the variable when the pool is
 * first used, so this file is imported before everything else.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '12'
