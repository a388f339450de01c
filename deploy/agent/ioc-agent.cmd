@echo off
rem Starts the agent through the launcher, which runs the installed version or the one that an update brought.
setlocal
if exist "%~dp0agent.env" for /f "usebackq delims=" %%l in ("%~dp0agent.env") do set "%%l"
if not defined IOC_DATA_DIR set "IOC_DATA_DIR=%~dp0data"
"%~dp0node.exe" --max-semi-space-size=1 --disable-warning=ExperimentalWarning "%~dp0lib\launcher.mjs" %*
