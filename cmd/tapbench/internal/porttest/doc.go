// Package porttest finds addresses for servers that are told theirs beforehand, or come back to it
// after they were killed.
//
//	address, give, err := porttest.Take(ctx)
//	defer give()
//
// A port that the kernel picks may be gone by the time the server listens there: another test gets
// it, or a client of somebody's. These ports are below those that the kernel picks, and no other
// test that asks here gets one that is taken, in this process or another.
package porttest
