package checker;

import org.objectweb.asm.tree.analysis.Value;

/**
 * What is known of a value on the stack or in a local variable: whether its 16 bits are all of it,
 * and where it comes from.
 *
 * @param kind what it is
 * @param constant its value, if that is known
 * @param parameter which of the method's parameters it is, from 0; -1 if it is none
 */
record Word(Kind kind, Integer constant, int parameter) implements Value {
    enum Kind {
        /** Nothing, or not the same thing on all ways. */
        NONE,
        /** A number that 16 bits hold. */
        NARROW,
        /** A sum, product or the like: its lower 16 bits are right, what is above them isn't. */
        WIDE,
        /** A reference. */
        REFERENCE,
        /** A long or a double. */
        TWO
    }

    static final Word NONE = new Word(Kind.NONE, null, -1);
    static final Word NARROW = new Word(Kind.NARROW, null, -1);
    static final Word WIDE = new Word(Kind.WIDE, null, -1);
    static final Word REFERENCE = new Word(Kind.REFERENCE, null, -1);
    static final Word TWO = new Word(Kind.TWO, null, -1);

    static Word of(int constant) {
        boolean fits = constant == (short) constant;
        return new Word(fits ? Kind.NARROW : Kind.WIDE, constant, -1);
    }

    boolean isWide() {
        return kind == Kind.WIDE;
    }

    @Override
    public int getSize() {
        return kind == Kind.TWO ? 2 : 1;
    }
}
