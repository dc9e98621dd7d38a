// Package firmware reads the event log that a machine's firmware and boot loader hand to the
// kernel, and replays it: what they measured into PCRs 0 to 9 and 11 to 15 before Linux ran, and
// whether Secure Boot was on. PCR 10 is IMA's and explained by [tapbench/tpm/measure].
//
// Linux shows the log as /sys/kernel/security/tpm0/binary_bios_measurements. It is the crypto-agile
// form of the TCG PC Client Platform Firmware Profile, all integers little-endian. First comes one
// event of the older form, which says what follows:
//
//	PCR            4   0
//	type           4   EV_NO_ACTION
//	digest        20   zeros
//	length         4   of the event, at most 65,536
//	event              "Spec ID Event03" 00, class (4), minor 0 and major 2 (1 each), errata (1),
//	                   size of UINTN (1), number of banks (4), of each bank its algorithm (2) and
//	                   its digests' length (2), length of vendor data (1), vendor data
//
// then any number of
//
//	PCR            4   0..23
//	type           4   see [Type]
//	digests        4   their number, one for each bank
//	digest             algorithm (2), digest
//	length         4   of the event, at most 65,536
//	event              its data
//
// Only the SHA-256 bank is read; a log without one is refused.
//
// A log proves nothing by itself. [Log.Replay] says to which value it leads; a quote
// ([tapbench/tpm/quote], its Expect.Explained) says whether the TPM has that value. Even then only
// digests are proven: an event's type and data are what the log claims, and [Event.Measured] tells
// where the data is the very thing that was measured. [Log.SecureBoot] heeds that.
//
//	log, err := firmware.Parse(raw)
//	expect.Explained = log.Values(0, 1, 2, 3, 4, 5, 6, 7)
//	verdict, err := quote.Verify(evidence, expect)
//	on, err := log.SecureBoot()
//
// Functions are pure; a [Log] doesn't change and may be used from any goroutine. Nothing that comes
// from outside makes them panic or allocate more than a few times its size.
//
// Sources: TCG PC Client Platform Firmware Profile, version 1.05 revision 23, clauses 3.3.4 (which
// PCR holds what) and 10 (event logging); UEFI 2.8, clause 32.4.1 (signature lists); Linux 6.1,
// security/integrity/ima/ima_crypto.c (boot_aggregate).
package firmware
