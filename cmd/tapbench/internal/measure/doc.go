// Package measure holds what `tapbench measure` compares: figures, and the baselines that they are
// set against. A baseline is a file of its own, baseline_….go, that imports nothing of tapbench.
package measure
