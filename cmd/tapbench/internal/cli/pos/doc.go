// Package pos is the merchant's point of sale as commands open it: its folder, its keys, its answer
// to relays, and what it takes and claims without the TSM.
package pos
