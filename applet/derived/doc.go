// Package derived keeps files fresh that are made from Go: whole files, and tables between marks in
// pages that people write.
//
//	page, err = derived.Fill(page, "commands", table)   // between <!-- generated: commands --> …
//	err = derived.Write(root, map[string]string{"docs/page.md": page})
//	stale, err := derived.Stale(root, files)            // in a test
package derived
