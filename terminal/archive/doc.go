// Package archive keeps documents in a folder, one file each, which are there whole or not at all
// after a power cut. A terminal keeps its receipts and closed days in one.
//
//	folder, err := archive.Open(path)
//	err = folder.Save("receipt-1121123456-000042-X7KQ2M4N8P1Z", document) // on the disk
//	document, err := folder.Load("receipt-1121123456-000042-X7KQ2M4N8P1Z")
//
// Who writes to the folder must be the only one; a terminal's journal sees to that.
package archive
