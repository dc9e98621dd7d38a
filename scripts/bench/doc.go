// Command bench measures what the Go benchmarks of this repository measure and sets each figure
// beside its baseline.
//
//	go run ./scripts/bench                      every benchmark
//	go run ./scripts/bench -name apdu           those whose name matches the regular expression
//	go run ./scripts/bench -json result.json    the figures for a program as well
//
// A benchmark's name is its package and its function, such as pcsc/apdu/ParseCommand. One that has
// something to be compared to has two sub-benchmarks, "ours" and "baseline", and the ratio is ours
// divided by baseline: under 1 is better wherever less is better. The baseline's code stands in a
// file of its own, baseline_test.go, that imports nothing of ours. One without the two
// sub-benchmarks has no ratio.
//
// Each benchmark runs several times and the medians are taken. The JSON is a list of objects with
// the keys name, value, unit, baseline and ratio; the last two are null where there is no baseline.
// It is a measurement and no test: no figure makes it fail. The exit code is 0 if every benchmark
// that was chosen brought a figure, 1 if not, 2 for a wrong call.
package main
