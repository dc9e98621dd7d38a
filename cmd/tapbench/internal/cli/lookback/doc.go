// Package lookback reads what a bench's files hold after everybody has stopped: who has learned
// what, and where the money is.
package lookback
