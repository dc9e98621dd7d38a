package banner

import "strings"

// Height is the number of rows of a banner.
const Height = 5

// Rows returns a text in letters of five rows. Small letters are written large; what has no glyph
// is a space. A letter is 5 columns wide, with one between two of them.
func Rows(text string) [Height]string {
	var rows [Height]string
	for n, c := range strings.ToUpper(text) {
		for i, row := range glyph(c) {
			if n > 0 {
				rows[i] += " "
			}
			rows[i] += strings.NewReplacer("#", "█", ".", " ").Replace(row)
		}
	}
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows
}

// glyph returns the five rows of a character.
func glyph(c rune) []string {
	rows, ok := strings.CutPrefix(find(c), string(c)+" ")
	if !ok {
		rows = "..... ..... ..... ..... ....."
	}
	return strings.Fields(rows)
}

// find returns a character's line of the font, or nothing.
func find(c rune) string {
	for line := range strings.Lines(font) {
		if strings.HasPrefix(line, string(c)+" ") {
			return line
		}
	}
	return ""
}

// font has a line for each character: the character and its rows.
const font = `A .###. #...# ##### #...# #...#
B ####. #...# ####. #...# ####.
C .#### #.... #.... #.... .####
D ####. #...# #...# #...# ####.
E ##### #.... ####. #.... #####
F ##### #.... ####. #.... #....
G .#### #.... #..## #...# .####
H #...# #...# ##### #...# #...#
I ##### ..#.. ..#.. ..#.. #####
J ..### ...#. ...#. #..#. .##..
K #...# #..#. ###.. #..#. #...#
L #.... #.... #.... #.... #####
M #...# ##.## #.#.# #...# #...#
N #...# ##..# #.#.# #..## #...#
O .###. #...# #...# #...# .###.
P ####. #...# ####. #.... #....
Q .###. #...# #.#.# #..#. .##.#
R ####. #...# ####. #..#. #...#
S .#### #.... .###. ....# ####.
T ##### ..#.. ..#.. ..#.. ..#..
U #...# #...# #...# #...# .###.
V #...# #...# #...# .#.#. ..#..
W #...# #...# #.#.# ##.## #...#
X #...# .#.#. ..#.. .#.#. #...#
Y #...# .#.#. ..#.. ..#.. ..#..
Z ##### ...#. ..#.. .#... #####
0 .###. #..## #.#.# ##..# .###.
1 ..#.. .##.. ..#.. ..#.. .###.
2 ####. ....# .###. #.... #####
3 ####. ....# .###. ....# ####.
4 #..#. #..#. ##### ...#. ...#.
5 ##### #.... ####. ....# ####.
6 .###. #.... ####. #...# .###.
7 ##### ....# ...#. ..#.. ..#..
8 .###. #...# .###. #...# .###.
9 .###. #...# .#### ....# .###.
. ..... ..... ..... .##.. .##..
- ..... ..... ##### ..... .....
! ..#.. ..#.. ..#.. ..... ..#..
`
