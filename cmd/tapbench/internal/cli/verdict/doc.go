// Package verdict prints who signed a payment, or spent twice: what evidence says, and whom it
// names.
package verdict
