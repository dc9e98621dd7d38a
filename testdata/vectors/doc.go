// Package vectors has the dialogues with a fresh secure element on board of the program, which
// replays them on cards. Tests find all vectors in package testdata.
package vectors
