// Package measure keeps the measurement list: what was started or installed, in the order in which
// it was measured, and the PCR value that this order leads to.
//
// The format is the Linux kernel's own, so that one parser reads a list that tapbench kept and one
// that IMA kept: the template is "ima-ng" with the fields d-ng ("sha256:" and the file's digest)
// and n-ng (its path). In binary, as in binary_runtime_measurements, all integers little-endian
// (the kernel writes its own byte order, or this one under ima_canonical_fmt):
//
//	pcr             4    0..23
//	template hash  20    SHA-1 over the template data
//	name length     4    6
//	name            6    "ima-ng"
//	data length     4    length of the template data
//	template data        4, "sha256:" 00 and 32 bytes of digest, each field after its length;
//	                     4, the path and 00
//
// The hash in the list is SHA-1 even where the TPM's bank is SHA-256. What is extended into that
// bank is SHA-256 over the same template data (the kernel does so since version 5.8); it is in no
// list and has to be recomputed:
//
//	pcr := SHA-256(pcr || SHA-256(template data))
//
// A minimal use:
//
//	e, err := measure.Content("/usr/bin/wallet", file)
//	err = list.Append(e)
//	value := list.Replay(measure.DefaultPCR)
//
// The package does no more than count and hash: whether a digest is a released one is judged by
// [tapbench/tpm/quote]. A [List] belongs to one goroutine at a time.
//
// Sources: Linux 6.1, security/integrity/ima/ima_fs.c, ima_template.c and ima_template_lib.c; TPM
// 2.0 Library, Part 1, revision 1.59, clause 17 (PCR operations).
package measure
