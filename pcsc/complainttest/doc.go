// Package complainttest runs helpers of tests where they must fail, and tells what they complained
// of.
package complainttest
