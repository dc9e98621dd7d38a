// Package pki is "tapbench pki": make, show and export a bench's keys and certificates.
package pki
