// Package exhibits gathers the files of a bench that has ended for package examiner, which reads
// stores and receipts by itself, but knows neither terminals' journals of claims nor secure
// elements:
//
//	files, err := exhibits.Find(dir)
//	report, err := examiner.Examine(ctx, files)
//
// A folder with a file named journal is a terminal's, and its folder claims, if there is one, the
// terminal's journal of offline claims. A file whose name ends in .state is a secure element's.
package exhibits
