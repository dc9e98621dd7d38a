package tearing.purse;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.RandomData;

/**
 * A purse for the tests of the agent: what it has and what it has spent are 1000 together, always.
 * Commands are 80 INS 00 00, by INS below; READ gives back everything.
 */
public final class Purse extends Applet {
    /** Pays the two bytes of data. */
    public static final byte PAY = 0x10;
    /** The same without a transaction: what the agent must find. */
    public static final byte PAY_TORN = 0x12;
    /** Writes the record: atomically, not atomically, filled atomically, and not. */
    public static final byte COPY = 0x20;
    public static final byte COPY_NON_ATOMIC = 0x21;
    public static final byte FILL = 0x22;
    public static final byte FILL_NON_ATOMIC = 0x23;
    /** Stores everything in a transaction: aborts it, leaves it open, throws, commits. */
    public static final byte ABORT = 0x30;
    public static final byte LEAVE_OPEN = 0x31;
    public static final byte THROW = 0x32;
    public static final byte COMMIT = 0x33;
    /** Swallows every exception, and stores in a finally clause. */
    public static final byte SWALLOW = 0x38;
    /** Checks the PIN, sets a new one, also in a transaction that aborts. */
    public static final byte VERIFY = 0x40;
    public static final byte NEW_PIN = 0x41;
    public static final byte NEW_PIN_ABORTED = 0x42;
    public static final byte VERIFY_ABORTED = 0x43;
    /** Sets the AES key, the transient one, makes a key pair. */
    public static final byte SET_KEY = 0x50;
    public static final byte SET_TRANSIENT_KEY = 0x51;
    public static final byte MAKE_KEYS = 0x52;
    /** Draws random bytes into the record. */
    public static final byte RANDOM = 0x53;
    /** Writes RAM only. */
    public static final byte WRITE_TRANSIENT = 0x54;
    /** Answers balance [2], spent [2], record [8], tries [1], keys set [1], static [1], link [1]. */
    public static final byte READ = 0x60;
    /** Answers the AES key [16]. */
    public static final byte READ_KEY = 0x61;

    private static final short ALL = 1000;
    private static final short RECORD_LEN = 8;
    private static byte count;

    private final short[] spent = new short[1];
    private final byte[] record = new byte[RECORD_LEN];
    private final Object[] link = new Object[1];
    private final int[] wide = {1};
    private final boolean[] flag = new boolean[1];
    private final byte[] ram = JCSystem.makeTransientByteArray((short) 4,
        JCSystem.CLEAR_ON_RESET);
    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) 8);
    private final AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES,
        KeyBuilder.LENGTH_AES_128, false);
    private final AESKey session = (AESKey) KeyBuilder.buildKey(
        KeyBuilder.TYPE_AES_TRANSIENT_DESELECT, KeyBuilder.LENGTH_AES_128, false);
    private final KeyPair pair = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_192);
    private final RandomData random = RandomData.getInstance(RandomData.ALG_FAST);
    private short balance = ALL;

    private Purse() {
        count = 1;
        pin.update(new byte[] {1, 2, 3, 4}, (short) 0, (byte) 4);
        key.setKey(new byte[16], (short) 0);
    }

    /** Installs it. */
    public static void install(byte[] parameters, short off, byte len) {
        new Purse().register();
    }

    @Override
    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short len = apdu.setIncomingAndReceive();
        short data = ISO7816.OFFSET_CDATA;
        switch (buffer[ISO7816.OFFSET_INS]) {
            case PAY:
                JCSystem.beginTransaction();
                pay(Util.getShort(buffer, data));
                JCSystem.commitTransaction();
                return;
            case PAY_TORN:
                pay(Util.getShort(buffer, data));
                return;
            case COPY:
                Util.arrayCopy(buffer, data, record, (short) 0, len);
                return;
            case COPY_NON_ATOMIC:
                Util.arrayCopyNonAtomic(buffer, data, record, (short) 0, len);
                return;
            case FILL:
                Util.arrayFill(record, (short) 0, RECORD_LEN, buffer[data]);
                return;
            case FILL_NON_ATOMIC:
                Util.arrayFillNonAtomic(record, (short) 0, RECORD_LEN, buffer[data]);
                return;
            case SWALLOW:
                swallow();
                return;
            case WRITE_TRANSIENT:
                Util.arrayCopy(buffer, data, ram, (short) 0, len);
                ram[0] = 1;
                buffer[0] = 2;
                return;
            case READ:
                read(apdu, buffer);
                return;
            case READ_KEY:
                key.getKey(buffer, (short) 0);
                apdu.setOutgoingAndSend((short) 0, (short) 16);
                return;
            default:
                transact(buffer, data, len);
        }
    }

    private void pay(short amount) {
        balance = (short) (balance - amount);
        spent[0] = (short) (spent[0] + amount);
    }

    private void transact(byte[] buffer, short data, short len) {
        switch (buffer[ISO7816.OFFSET_INS]) {
            case ABORT:
                JCSystem.beginTransaction();
                storeEverything();
                JCSystem.abortTransaction();
                return;
            case LEAVE_OPEN:
                JCSystem.beginTransaction();
                storeEverything();
                return;
            case THROW:
                JCSystem.beginTransaction();
                storeEverything();
                ISOException.throwIt(ISO7816.SW_DATA_INVALID);
                return;
            case COMMIT:
                JCSystem.beginTransaction();
                storeEverything();
                JCSystem.commitTransaction();
                return;
            default:
                secrets(buffer, data, len);
        }
    }

    private void storeEverything() {
        balance++;
        count++;
        spent[0]--;
        record[0] = 7;
        flag[0] = true;
        wide[0]++;
        link[0] = record;
        Util.setShort(record, (short) 1, (short) 0x0809);
        Util.arrayCopy(record, (short) 0, record, (short) 4, (short) 3);
        Util.arrayFill(record, (short) 7, (short) 1, (byte) 5);
    }

    private void swallow() {
        try {
            record[0] = 1;
            record[1] = 1;
        } catch (Throwable e) {
            record[2] = 1;
        } finally {
            record[3] = 1;
        }
    }

    private void secrets(byte[] buffer, short data, short len) {
        switch (buffer[ISO7816.OFFSET_INS]) {
            case VERIFY:
                verify(buffer, data, len);
                return;
            case NEW_PIN:
                pin.update(buffer, data, (byte) len);
                return;
            case NEW_PIN_ABORTED:
                JCSystem.beginTransaction();
                pin.update(buffer, data, (byte) len);
                JCSystem.abortTransaction();
                return;
            case VERIFY_ABORTED:
                JCSystem.beginTransaction();
                pin.check(buffer, data, (byte) len);
                JCSystem.abortTransaction();
                return;
            case SET_KEY:
                key.setKey(buffer, data);
                return;
            case SET_TRANSIENT_KEY:
                session.setKey(buffer, data);
                return;
            case MAKE_KEYS:
                pair.genKeyPair();
                return;
            case RANDOM:
                random.nextBytes(record, (short) 0, RECORD_LEN);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void verify(byte[] buffer, short data, short len) {
        if (!pin.check(buffer, data, (byte) len)) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    private void read(APDU apdu, byte[] buffer) {
        Util.setShort(buffer, (short) 0, balance);
        Util.setShort(buffer, (short) 2, spent[0]);
        Util.arrayCopyNonAtomic(record, (short) 0, buffer, (short) 4, RECORD_LEN);
        buffer[12] = pin.getTriesRemaining();
        byte set = (byte) (key.isInitialized() ? 1 : 0);
        set |= ((ECPrivateKey) pair.getPrivate()).isInitialized() ? 2 : 0;
        set |= ((ECPublicKey) pair.getPublic()).isInitialized() ? 4 : 0;
        buffer[13] = set;
        buffer[14] = count;
        buffer[15] = (byte) ((link[0] == null ? 0 : 1) + (flag[0] ? 2 : 0) + (wide[0] << 4));
        apdu.setOutgoingAndSend((short) 0, (short) 16);
    }
}
