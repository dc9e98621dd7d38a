// Command models runs the symbolic models of testdata/models with the provers that are on the
// PATH, and holds what they say against what testdata/models/models.txt expects.
//
//	go run ./scripts/models                     every model whose prover is there
//	go run ./scripts/models -name p3            those whose name matches the regular expression
//	go run ./scripts/models -json result.json   the verdicts for a program as well
//
// The provers are ProVerif (2.05, as the models were written with), Spin (6.5) with a C compiler,
// and Maude (3.2). ProVerif isn't in Debian: get it from its authors and put it on the PATH. What
// has no prover here is named and counted as not run; it fails nothing. A verdict that isn't the
// expected one, a prover that fails or takes longer than -limit, and a run in which no model was
// checked fail.
//
// The JSON is a list of objects with the keys prover, model, expected, found, result (same,
// differs, failed or not run) and claim.
//
// The exit code is 0 if all is as expected, 1 if not, 2 for a wrong call.
package main
