// Package bench starts the parts of a bench and ends them again: a private pcscd with a virtual
// reader and a card on it, a software TPM, and the backend's servers as processes of their own.
//
// [Ask] asks the parts of a bed whether they answer; a [Command] is somebody's program that runs
// on a bed.
//
// For an audit each server of a bench writes down what it receives, in clear, and its log.
//
// All that a bench makes lies in one folder. What is started is ended by Stop, in reverse order,
// and by the kernel when this process dies.
//
//	bed, err := bench.StartBed(ctx, bench.BedConfig{Dir: dir})
//	defer bed.Stop()
package bench
