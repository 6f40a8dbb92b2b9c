#!/bin/sh
# Runs the command given as arguments in a way that leaves nothing behind, whatever happens to the gateway.
#
# Expects to lead its own process group, and the lifeline on descriptor 3: a pipe that nobody writes to and that the
# kernel closes when the gateway dies, kill -9 included. Exits with the command's exit code.
#   SIGUSR1 kills the command alone, so that it can still be reaped here.
#   SIGTERM is meant for the whole group; this shell and the watcher are deaf to it and end after the command.

exec 4<&0 </dev/null
trap : TERM HUP INT
"$@" <&4 3<&- 4<&- &
command=$!
trap 'kill -s KILL "$command"' USR1
exec 4<&- >/dev/null 2>&1

# The watcher. Its membership keeps the group's number from being used again.
(
  trap "" TERM HUP INT USR1
  read -r _ <&3
  kill -s TERM -- "-$$"
  sleep 2
  kill -s KILL -- "-$$"
) &
watcher=$!

# A signal ends `wait` early; the command is gone only when there is nothing to signal any more.
while wait "$command"; code=$?; kill -0 "$command"; do :; done
kill -s KILL "$watcher"
wait "$watcher"
exit "$code"
