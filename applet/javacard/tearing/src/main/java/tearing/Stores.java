package tearing;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javacard.framework.JCSystem;

/**
 * What rewritten code calls instead of storing by itself. The names and types are those that {@link
 * Rewriter} writes; nothing else calls them.
 */
public final class Stores {
    private static final Map<String, Field> FIELDS = new ConcurrentHashMap<>();

    private Stores() {
    }

    /** An array was allocated by {@code new}. */
    public static void made(Object array) {
        Memory.CARD.made(array);
    }

    /** A handler of exceptions begins: none does without power. */
    public static void checkPower() {
        Memory.CARD.checkPower();
    }

    /** A command, a selection or an installation has returned: an open transaction is aborted. */
    public static void returned() {
        Memory.CARD.checkPower();
        if (JCSystem.getTransactionDepth() > 0) {
            Memory.CARD.doubt("returned with an open transaction: it was aborted");
            JCSystem.abortTransaction();
        }
        Memory.CARD.rollBack();
    }

    /** The card has been reset. */
    public static void powerOn() {
        Memory.CARD.powerOn();
    }

    /** Stores a byte or a boolean. */
    public static void bastore(Object array, int index, int value) {
        if (array instanceof boolean[] flags) {
            put(flags, index, (value & 1) != 0, 1);
        } else {
            put(array, index, (byte) value, 1);
        }
    }

    /** Stores a short. */
    public static void sastore(short[] array, int index, int value) {
        put(array, index, (short) value, Short.BYTES);
    }

    /** Stores an int, where the card has them. */
    public static void iastore(int[] array, int index, int value) {
        put(array, index, value, Integer.BYTES);
    }

    /** Stores a reference. */
    public static void aastore(Object[] array, int index, Object value) {
        if (Memory.CARD.holds(array)) {
            Object old = array[index];
            Memory.CARD.storeReference(() -> array[index] = old);
        }
        array[index] = value;
    }

    static void put(Object array, int index, Object value, int bytes) {
        if (Memory.CARD.holds(array)) {
            Object old = Array.get(array, index);
            Memory.CARD.store(bytes, () -> Array.set(array, index, old));
        }
        if (array == null) {
            throw new NullPointerException();
        }
        Array.set(array, index, value);
    }

    /** A field of an object is about to be stored; the class declares it or inherits it. */
    public static void field(Object target, Class<?> owner, String name) {
        if (target == null) {
            throw new NullPointerException(name);
        }
        changing(target, find(owner, name));
    }

    /** A field of a class is about to be stored. */
    public static void field(Class<?> owner, String name) {
        changing(null, find(owner, name));
    }

    private static void changing(Object target, Field field) {
        try {
            Object old = field.get(target);
            if (field.getType().isPrimitive()) {
                Memory.CARD.store(size(field.getType()), () -> set(field, target, old));
            } else {
                Memory.CARD.storeReference(() -> set(field, target, old));
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void set(Field field, Object target, Object value) {
        try {
            field.set(target, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int size(Class<?> type) {
        if (type == byte.class || type == boolean.class) {
            return 1;
        }
        return type == int.class ? Integer.BYTES : Short.BYTES;
    }

    private static Field find(Class<?> owner, String name) {
        String key = System.identityHashCode(owner) + owner.getName() + "." + name;
        return FIELDS.computeIfAbsent(key, k -> {
            for (Class<?> at = owner; at != null; at = at.getSuperclass()) {
                for (Field field : at.getDeclaredFields()) {
                    if (field.getName().equals(name)) {
                        field.setAccessible(true);
                        return field;
                    }
                }
            }
            throw new IllegalStateException("no field " + name + " in " + owner);
        });
    }

    /** Util.arrayCopy: one store, of all bytes or none; a transaction takes it back. */
    public static short arrayCopy(byte[] src, short from, byte[] dst, short to, short len) {
        check(src, from, len);
        check(dst, to, len);
        byte[] bytes = Arrays.copyOfRange(src, from, from + len); // they may overlap
        whole(dst, to, bytes);
        return (short) (to + len);
    }

    /** Util.arrayFill: one store, of all bytes or none; a transaction takes it back. */
    public static short arrayFill(byte[] dst, short to, short len, byte value) {
        check(dst, to, len);
        whole(dst, to, filled(len, value));
        return (short) (to + len);
    }

    /** Util.arrayCopyNonAtomic: a store for each byte, which no transaction takes back. */
    public static short arrayCopyNonAtomic(byte[] src, short from, byte[] dst, short to,
            short len) {
        check(src, from, len);
        check(dst, to, len);
        piecemeal(dst, to, Arrays.copyOfRange(src, from, from + len));
        return (short) (to + len);
    }

    /** Util.arrayFillNonAtomic: a store for each byte, which no transaction takes back. */
    public static short arrayFillNonAtomic(byte[] dst, short to, short len, byte value) {
        check(dst, to, len);
        piecemeal(dst, to, filled(len, value));
        return (short) (to + len);
    }

    /** Util.setShort: two stores, as nothing says that it is one. */
    public static short setShort(byte[] dst, short to, short value) {
        check(dst, to, (short) 2);
        bastore(dst, to, value >> Byte.SIZE);
        bastore(dst, to + 1, value);
        return (short) (to + 2);
    }

    private static void whole(byte[] dst, int to, byte[] bytes) {
        if (Memory.CARD.holds(dst) && bytes.length > 0) {
            byte[] old = Arrays.copyOfRange(dst, to, to + bytes.length);
            Memory.CARD.store(old.length, () -> System.arraycopy(old, 0, dst, to, old.length));
        }
        System.arraycopy(bytes, 0, dst, to, bytes.length);
    }

    private static void piecemeal(byte[] dst, int to, byte[] bytes) {
        if (!Memory.CARD.holds(dst)) {
            System.arraycopy(bytes, 0, dst, to, bytes.length);
            return;
        }
        if (Memory.CARD.inTransaction() && bytes.length > 0) {
            Memory.CARD.doubt("stores past a transaction: unpredictable if it aborts");
        }
        for (int i = 0; i < bytes.length; i++) {
            Memory.CARD.store();
            dst[to + i] = bytes[i];
        }
    }

    private static byte[] filled(int len, byte value) {
        byte[] bytes = new byte[len];
        Arrays.fill(bytes, value);
        return bytes;
    }

    private static void check(byte[] array, short off, short len) {
        if (off < 0 || len < 0 || off + len > array.length) {
            throw new ArrayIndexOutOfBoundsException(off + "+" + len + " of " + array.length);
        }
    }

    /** JCSystem.beginTransaction. */
    public static void beginTransaction() {
        JCSystem.beginTransaction();
        Memory.CARD.begin();
    }

    /** JCSystem.commitTransaction: one store. */
    public static void commitTransaction() {
        if (JCSystem.getTransactionDepth() > 0) {
            Memory.CARD.commit();
        }
        JCSystem.commitTransaction();
    }

    /** JCSystem.abortTransaction. */
    public static void abortTransaction() {
        Memory.CARD.checkPower();
        JCSystem.abortTransaction();
        Memory.CARD.rollBack();
    }
}
