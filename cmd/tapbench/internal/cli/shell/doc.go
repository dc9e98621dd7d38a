// Package shell is what all commands of tapbench share: their streams and log, how they print,
// write files and page, what they take as arguments, and how they end.
//
// An [App] is handed to every command. Results go to standard output by [App.Print], progress and
// logs to standard error. With --json the result is one JSON object. An error is one line that says
// what happened, and a second one that says what to do where there is something to do (hint.go);
// exit codes are in exit.go. What a command line got wrong is said with [Usagef], what was verified
// and didn't hold with [Refused].
package shell
