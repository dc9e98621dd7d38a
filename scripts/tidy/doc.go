// Command tidy checks what no linter knows of this repository: who may import whom, what a pure
// package may touch, how long a line, a function and a file may be, and a few words that have no
// place here.
//
//	go run ./scripts/tidy           every rule over the whole repository
//	go run ./scripts/tidy -write    renews the depguard part of .golangci.yml
//
// The rooms, their floors and the pure packages stand in house.go and nowhere else: the rules here
// read them, and the depguard part of .golangci.yml is written from them. A finding is one line:
// file, line, what is wrong, and the rule's name. The exit code is 0 if all is in order, 1 if
// anything was found or couldn't be checked, 2 for a wrong call.
//
// The rules read files only; the last one, which asks whether go.mod is tidy, runs the go command.
package main

//go:generate go run . -write ../..
