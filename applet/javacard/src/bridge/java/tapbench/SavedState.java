package tapbench;

import javacard.security.ECPrivateKey;

/**
 * An element's state as bytes: the fields of the emulator's state in their order, private keys
 * included, zeros for those that aren't there. What a store keeps around them is Go package
 * applet/saved's.
 */
final class SavedState extends CardMemory {
    private static final int SCALAR_LEN = 32;
    static final int LEN = len();

    private final Element element;

    /** Makes the state of an element whose changes are told from now on. */
    SavedState(Element element) {
        this.element = element;
        begin();
    }

    @Override
    public byte[] get() {
        Reader reader = new Reader(element.keys);
        walk(element.persistent, reader);
        return reader.out;
    }

    @Override
    protected void set(byte[] state) {
        walk(element.persistent, new Writer(element.keys, state));
    }

    /** Sees one part of the state after the other. */
    private interface Visitor {
        void bytes(byte[] array, int off, int len);

        void key(short place, boolean isThere);
    }

    private static void walk(Persistent p, Visitor v) {
        slot(v, p.card, CardState.SE_KEY, Keys.SE, CardState.USER_KEY, Keys.USER);
        slot(v, p.launch);
        for (short i = 0; i < Wire.BANK_SLOTS; i++) {
            slot(v, p.bank(i), BankSlot.SIGN_KEY, Keys.BANK_SIGN + i,
                BankSlot.KEM_KEY, Keys.BANK_KEM + i);
        }
        for (short i = 0; i < Wire.TID_SLOTS; i++) {
            slot(v, p.tid(i), TidSlot.SIGN_KEY, Keys.TID_SIGN + i, TidSlot.KEM_KEY,
                Keys.TID_KEM + i);
        }
        for (short i = 0; i < Wire.CARD_SLOTS; i++) {
            slot(v, p.card(i), CardSlot.KEY, Keys.CARD + i);
        }
        slot(v, p.chains);
        for (short i = 0; i < Wire.TOKEN_SLOTS; i++) {
            slot(v, p.token(i));
        }
        slot(v, p.arming);
    }

    /**
     * Visits a slot, and before each of the offsets, where a public key lies, the private key in the
     * place beside it. Without a public one there is none, whatever the place holds.
     */
    private static void slot(Visitor v, byte[] slot, int... keys) {
        int off = 0;
        for (int i = 0; i < keys.length; i += 2) {
            v.bytes(slot, off, keys[i] - off);
            v.key((short) keys[i + 1], slot[keys[i]] != 0);
            off = keys[i];
        }
        v.bytes(slot, off, slot.length - off);
    }

    private static int len() {
        int[] len = new int[1];
        walk(new Persistent(), new Visitor() {
            @Override
            public void bytes(byte[] array, int off, int part) {
                len[0] += part;
            }

            @Override
            public void key(short place, boolean isThere) {
                len[0] += SCALAR_LEN;
            }
        });
        return len[0];
    }

    private static final class Reader implements Visitor {
        private final Keys keys;
        private final byte[] out = new byte[LEN];
        private int at;

        Reader(Keys keys) {
            this.keys = keys;
        }

        @Override
        public void bytes(byte[] array, int off, int len) {
            System.arraycopy(array, off, out, at, len);
            at += len;
        }

        @Override
        public void key(short place, boolean isThere) {
            ECPrivateKey key = keys.get(place);
            if (isThere && key.isInitialized()) {
                key.getS(out, (short) at);
            }
            at += SCALAR_LEN;
        }
    }

    private static final class Writer implements Visitor {
        private final Keys keys;
        private final byte[] in;
        private int at;

        Writer(Keys keys, byte[] in) {
            this.keys = keys;
            this.in = in;
        }

        @Override
        public void bytes(byte[] array, int off, int len) {
            System.arraycopy(in, at, array, off, len);
            at += len;
        }

        @Override
        public void key(short place, boolean isThere) {
            for (int i = at; i < at + SCALAR_LEN; i++) {
                if (in[i] != 0) {
                    keys.get(place).setS(in, (short) at, (short) SCALAR_LEN);
                    break;
                }
            }
            at += SCALAR_LEN;
        }
    }
}
