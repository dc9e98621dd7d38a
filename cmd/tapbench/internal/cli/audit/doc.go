// Package audit is "tapbench audit" and "tapbench examine": what a kept bench's files say of who
// has learned what, and of where the money is.
package audit
