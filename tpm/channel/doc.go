// Package channel carries commands to a TPM and its answers back: over a unix socket or TCP, as
// swtpm speaks, or through the kernel's device.
//
// Commands and answers frame themselves: their header holds their length (TPM 2.0 Library, Part 1,
// revision 1.59, clause 18). A [Channel] keeps one connection open, reads exactly one answer per
// command and never allocates what an answer claims, only up to [MaxMessage] bytes.
//
// A TPM behind a socket serves one data client at a time, and a second one isn't refused: it waits
// until the first closes. So an exchange that runs into its time limit is reported as [ErrBusy].
//
//	ch, err := channel.Dial(ctx, "unix:/run/bench/tpm.sock")
//	defer ch.Close()
//	rsp, err := tpm2.GetCapability{…}.Execute(ch.Bind(ctx))
//
// A Channel may be used by several goroutines: it takes one exchange after the other. Close may be
// called at any time and ends an exchange that is under way.
package channel
