// Package needstest lets a plain `go test ./...` say what it left out.
//
// The packages beside it, java, postgres, python and so on, stand for what tests need beyond Go:
// each has one test, which starts that part and nothing else. Where the part is missing the test
// is skipped, as every test that needs the part is. `go test` doesn't print the skips of a package
// that passes, but it does say when a package ran no test:
//
//	ok  	tapbench/scripts/needs/swtpm	0.003s [no tests to run]
//
// That line is how it knows: [LeftOut] prints the words that the testing package has for it.
// `make test-light` names every skipped test with its reason.
package needstest
