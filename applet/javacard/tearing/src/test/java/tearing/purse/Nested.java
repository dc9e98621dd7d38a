package tearing.purse;

/** Constructors that do something before they call the superclass's. */
public final class Nested {
    private static class Base {
        private byte kept;

        Base(Object first, byte[] from) {
            kept = first == null ? 0 : from[0];
        }
    }

    private final class Inner extends Base { // stores its Nested before it calls Base's constructor
        private final byte own;

        Inner(boolean flag) {
            super(flag ? new Object() : new Base(null, null), flag ? new byte[] {3} : null);
            own = 2;
        }
    }

    private byte sum;

    /** Makes an inner object, which stores two fields, and stores their sum: three in all. */
    public byte sum() {
        Inner inner = new Inner(true);
        sum = (byte) (inner.own + ((Base) inner).kept);
        return sum;
    }
}
