// Package boundtest is the adversary of package bound: power that goes between any two steps, and
// any copy of the file that was ever written put back while it is off. It tries all of that, up to
// a number of copies, on a [Rule]: [Extend] is package bound's, [Counter] the weaker one.
//
//	result := boundtest.Explore(boundtest.Search{Rule: boundtest.Extend, Copies: 4})
//	if result.Double != nil { … } // two answers for one index, and how it came to that
//
// The NV index is [Memory], which does what a TPM's does, or a TPM's own.
//
// The element that is tried has indices 1, 2, 3 … like a token's chain. To each it gives one
// answer; two different ones for an index are a double spending. It is the model's (se_rollback.pml
// in testdata/models), with the first binding and the adoption of an unbound file added.
package boundtest
