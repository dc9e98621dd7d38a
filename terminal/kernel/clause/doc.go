// Package clause names where the books say what a terminal does, as reasons and explanations print
// it: edition, book and clause, such as "EMV 4.3 Book 3, 10.7". EMV 4.3 is of November 2011.
package clause
