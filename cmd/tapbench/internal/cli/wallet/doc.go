// Package wallet is "tapbench wallet": the phone's payment app, by one command for each thing that
// it does.
package wallet
