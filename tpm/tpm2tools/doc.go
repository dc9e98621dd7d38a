// Package tpm2tools reads and writes the files in which tpm2-tools keeps a quote, so that evidence
// can be handed to somebody who has those tools, and taken from him.
//
//	file      option of tpm2_quote, tpm2_checkquote   content
//	message   -m                                      TPMS_ATTEST
//	signature -s                                      TPMT_SIGNATURE
//	PCRs      -o, -f                                  selection and values, see [PCRs]
//	public    -u                                      TPM2B_PUBLIC, or a PEM public key
//
// Message and signature are bytes as [tapbench/tpm/quote] has them. The PCRs are the program's own
// structures as they lie in memory, integers little-endian. A quote's list of measurements has no
// file there: it goes beside.
//
// Source: tpm2-tools 5.4, lib/pcr.c and its manual pages; TPM 2.0 Library,
// Part 2, revision 1.59, clauses 10.6 and 12.2.5 for the structures' members.
package tpm2tools
