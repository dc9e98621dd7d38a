// Package swtpm runs a software TPM 2.0 of its own: swtpm as a child process, manufactured in one
// folder with a certificate authority of its own, so that nothing else on the machine is touched.
//
//	tpm, err := swtpm.Start(ctx, swtpm.Config{Dir: "/run/bench/tpm", Temporary: true})
//	defer tpm.Stop()
//	ch, err := tpm.Open(ctx)
//
// The first Start in a folder manufactures the TPM: endorsement keys, their certificates in NV,
// PCR bank SHA-256. Later ones start the same TPM again, as a machine that was switched on: its
// reset count has grown, its keys are the same.
//
//	DIR/device/state        the TPM's state
//	DIR/device/ca           the maker's certificate authority
//	DIR/device/conf         swtpm_setup's configuration
//	DIR/device/ek-roots.pem the CA's certificates, for whoever checks EK certificates
//	DIR/tpm.sock            data: one client at a time, the next one waits
//	DIR/tpm.sock.ctrl       control, where tpm2-tools expect it
//
// Readiness is no matter of time: the sockets listen before swtpm starts and are handed to it, so
// that the first command waits in the socket until swtpm answers it. The child gets its own process
// group, and the kernel kills it when this process dies, however it dies.
//
// A [Process] may be used by several goroutines.
//
// Sources: the manual pages of swtpm(8), swtpm_setup(8) and swtpm-localca.conf(5), version 0.7.1.
package swtpm
