// Package dispute is "tapbench dispute": find out who signed a payment or spent twice, and prove
// it.
package dispute
