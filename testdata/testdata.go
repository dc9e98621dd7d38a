package testdata

import "embed"

// Vectors are the files under vectors, by their path from here, such as "vectors/pcsc/chain.apdu".
//
//go:embed all:vectors
var Vectors embed.FS

// IMA are measurement lists of real kernels, such as "ima/linux-6.1.192.bin", and the PCR 10 that
// belongs to each.
//
//go:embed ima/*.bin ima/*.txt ima/*.pcr10
var IMA embed.FS

// Firmware are event logs of a machine's firmware, such as "firmware/ovmf.log", with the measurement
// list and the PCRs that belong to each.
//
//go:embed firmware/*.log firmware/*.ima firmware/*.pcrs
var Firmware embed.FS

// Traces are the recordings that the bench makes of itself, such as "traces/tap-approved.trace".
//
//go:embed traces
var Traces embed.FS
