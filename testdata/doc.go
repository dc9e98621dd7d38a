// Package testdata holds the files that tests of several rooms share. README.md says of each where
// it comes from and who reads it. The package only embeds them; reading them is for the rooms that
// know their formats. What it embeds can't be changed, so it may be used from any goroutine.
package testdata
