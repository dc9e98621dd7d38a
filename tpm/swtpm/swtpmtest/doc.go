// Package swtpmtest gives tests a software TPM of their own.
//
// Without swtpm a test is skipped on the light path, and fails where everything is required.
package swtpmtest
