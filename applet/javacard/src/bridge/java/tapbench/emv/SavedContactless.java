package tapbench.emv;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javacard.security.DESKey;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPublicKey;
import tapbench.CardMemory;

/**
 * A contactless card's state as bytes: name [1 + 16], key is there [1], prime factors and what comes
 * of them [5 * 64], modulus [128], exponent [3], both applications' data groupings, end [2] and all
 * bytes, the master key [16] and the counters. What isn't there is zeros; what a draft left in the
 * memory of groupings isn't there.
 */
final class SavedContactless extends CardMemory {
    private static final int NAME_LEN = 16;
    private static final int FACTOR_LEN = CardKeys.MODULUS_LEN / 2;
    private static final int EXPONENT_LEN = 3;

    private final byte[] name;
    private final ContactlessApplet payment;
    private final DirectoryApplet directory;

    SavedContactless(byte[] name, ContactlessApplet payment, DirectoryApplet directory) {
        this.name = name.clone();
        this.payment = payment;
        this.directory = directory;
        begin();
    }

    static byte[] nameOf(byte[] state) {
        return Arrays.copyOfRange(state, 1, 1 + state[0]);
    }

    private static int groupsLen(DataGroups groups) {
        return groups.end.length + groups.bytes.length;
    }

    private int len() {
        return 1 + NAME_LEN + 1 + 5 * FACTOR_LEN + CardKeys.MODULUS_LEN + EXPONENT_LEN
            + groupsLen(payment.groups) + groupsLen(directory.groups) + Cryptograms.KEY_LEN
            + payment.counters.bytes.length;
    }

    @Override
    public byte[] get() {
        ByteBuffer out = ByteBuffer.allocate(len());
        out.put((byte) name.length).put(Arrays.copyOf(name, NAME_LEN));
        out.put(payment.keys.made);
        byte[] key = new byte[5 * FACTOR_LEN + CardKeys.MODULUS_LEN + EXPONENT_LEN];
        if (payment.keys.areMade()) {
            readKey(key);
        }
        out.put(key);
        put(out, payment.groups);
        put(out, directory.groups);
        byte[] master = new byte[Cryptograms.KEY_LEN];
        if (payment.groups.areClosed()) {
            payment.algorithms.master.getKey(master, (short) 0);
        }
        out.put(master);
        out.put(payment.counters.bytes);
        return out.array();
    }

    private static void put(ByteBuffer out, DataGroups groups) {
        int end = groups.end[0] << Byte.SIZE | groups.end[1] & 0xFF;
        out.put(groups.end);
        out.put(Arrays.copyOf(Arrays.copyOf(groups.bytes, end), groups.bytes.length));
    }

    private void readKey(byte[] out) {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) payment.algorithms.pair.getPrivate();
        key.getP(out, (short) 0);
        key.getQ(out, (short) FACTOR_LEN);
        key.getDP1(out, (short) (2 * FACTOR_LEN));
        key.getDQ1(out, (short) (3 * FACTOR_LEN));
        key.getPQ(out, (short) (4 * FACTOR_LEN));
        RSAPublicKey open = (RSAPublicKey) payment.algorithms.pair.getPublic();
        open.getModulus(out, (short) (5 * FACTOR_LEN));
        open.getExponent(out, (short) (5 * FACTOR_LEN + CardKeys.MODULUS_LEN));
    }

    @Override
    protected void set(byte[] state) {
        ByteBuffer in = ByteBuffer.wrap(state);
        in.position(1 + NAME_LEN);
        in.get(payment.keys.made);
        byte[] key = new byte[5 * FACTOR_LEN + CardKeys.MODULUS_LEN + EXPONENT_LEN];
        in.get(key);
        if (payment.keys.areMade()) {
            writeKey(key);
        }
        take(in, payment.groups);
        take(in, directory.groups);
        byte[] master = new byte[Cryptograms.KEY_LEN];
        in.get(master);
        if (payment.groups.areClosed()) {
            DESKey object = payment.algorithms.master;
            object.setKey(master, (short) 0);
        }
        in.get(payment.counters.bytes);
    }

    private static void take(ByteBuffer in, DataGroups groups) {
        in.get(groups.end);
        in.get(groups.bytes);
    }

    private void writeKey(byte[] in) {
        short len = FACTOR_LEN;
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) payment.algorithms.pair.getPrivate();
        key.setP(in, (short) 0, len);
        key.setQ(in, len, len);
        key.setDP1(in, (short) (2 * FACTOR_LEN), len);
        key.setDQ1(in, (short) (3 * FACTOR_LEN), len);
        key.setPQ(in, (short) (4 * FACTOR_LEN), len);
        RSAPublicKey open = (RSAPublicKey) payment.algorithms.pair.getPublic();
        open.setModulus(in, (short) (5 * FACTOR_LEN), CardKeys.MODULUS_LEN);
        open.setExponent(in, (short) (5 * FACTOR_LEN + CardKeys.MODULUS_LEN),
            (short) EXPONENT_LEN);
    }
}
