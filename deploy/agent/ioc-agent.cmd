@echo off
rem Runs the agent with the Node beside it.
setlocal
if exist "%~dp0agent.env" for /f "usebackq delims=" %%l in ("%~dp0agent.env") do set "%%l"
if not defined IOC_DATA_DIR set "IOC_DATA_DIR=%~dp0data"
"%~dp0node.exe" --max-semi-space-size=1 --disable-warning=ExperimentalWarning "%~dp0lib\ioc-agent.mjs" %*
