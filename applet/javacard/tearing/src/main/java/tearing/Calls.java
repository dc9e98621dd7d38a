package tearing;

import com.licel.jcardsim.crypto.ByteContainer;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javacard.framework.PIN;
import javacard.security.Key;
import javacard.security.KeyPair;

/**
 * What rewritten code calls around a call of the platform that may store. The platform does its
 * work first; then what it stored is taken back and done again, store by store:
 *
 * <ul>
 *   <li>an array that it wrote into: each element from the first to the last that changed,
 *   <li>a key that was set: first what it held is gone, then the new value is there; a key pair:
 *       first both are gone, then the private key is there, then the public one,
 *   <li>a PIN: one store; a right one takes a try, then gives all back.
 * </ul>
 */
public final class Calls {
    /** Methods of keys, key pairs and PINs that store. */
    static final Set<String> MUTATORS = Set.of("check", "update", "reset", "resetAndUnblock",
        "setKey", "setS", "setW", "setA", "setB", "setG", "setR", "setK", "setFieldFP",
        "setFieldF2M", "setExponent", "setModulus", "setP", "setQ", "setDP1", "setDQ1", "setPQ",
        "setX", "setY", "clearKey", "genKeyPair", "copyDomainParametersFrom");

    private static final int PIN_BYTES = 10;

    private record Written(Object array, Object before) {
    }

    private static final class Noted {
        final List<Written> arrays = new ArrayList<>();
        Object receiver;
        String method;
        Snapshot before;
        byte tries;
    }

    private Calls() {
    }

    /** Counts a call, and notes what it may change. Numbers among the arguments are Integers. */
    public static Object before(Object receiver, String method, Object[] arguments) {
        Memory.CARD.checkPower();
        Operations.count(receiver, method, arguments);
        Noted noted = new Noted();
        for (Object reference : arguments) {
            if (reference != null && reference.getClass().isArray()
                    && Memory.CARD.holds(reference)) {
                Object copy = Array.newInstance(reference.getClass().getComponentType(),
                    Array.getLength(reference));
                System.arraycopy(reference, 0, copy, 0, Array.getLength(reference));
                noted.arrays.add(new Written(reference, copy));
            }
        }
        if (MUTATORS.contains(method)) {
            noted.receiver = receiver;
            noted.method = method;
            noted.before = snapshot(receiver);
            noted.tries = receiver instanceof PIN pin ? pin.getTriesRemaining() : 0;
        }
        return noted;
    }

    private static Snapshot snapshot(Object receiver) {
        if (receiver instanceof KeyPair pair) {
            return Snapshot.of(pair.getPrivate(), pair.getPublic());
        }
        return receiver instanceof Key || receiver instanceof PIN ? Snapshot.of(receiver) : null;
    }

    /** Does again, store by store, what the call changed. */
    public static void after(Object before) {
        Noted noted = (Noted) before;
        noted.arrays.forEach(Calls::write);
        if (noted.before == null) {
            return;
        }
        Snapshot now = snapshot(noted.receiver);
        if (noted.receiver instanceof PIN pin) {
            pin(noted, now, pin.getTriesRemaining());
        } else if (!noted.before.same(now)) {
            keys(noted, now);
        }
    }

    private static void write(Written written) {
        int from = -1;
        int to = -1;
        int len = Array.getLength(written.before);
        for (int i = 0; i < len; i++) {
            Object old = Array.get(written.before, i);
            Object now = Array.get(written.array, i);
            if (old != now && (old == null || !old.equals(now))) {
                from = from < 0 ? i : from;
                to = i;
            }
        }
        if (from < 0) {
            return;
        }
        Object now = Array.newInstance(written.array.getClass().getComponentType(), len);
        System.arraycopy(written.array, 0, now, 0, len);
        System.arraycopy(written.before, 0, written.array, 0, len);
        for (int i = from; i <= to; i++) {
            Stores.put(written.array, i, Array.get(now, i), now instanceof byte[] ? 1 : 2);
        }
    }

    /** Only a new PIN is part of a transaction; tries are not. */
    private static void pin(Noted noted, Snapshot now, byte tries) {
        if (noted.method.equals("check") && noted.tries > 0) {
            if (tries >= noted.tries) { // it was right: the try that was taken is given back
                noted.before.restore();
                Memory.CARD.store();
                noted.before.setByte("triesLeft", (byte) (noted.tries - 1));
                Memory.CARD.store();
                now.restore();
                return;
            }
        }
        if (noted.before.same(now)) {
            return;
        }
        noted.before.restore();
        if (noted.method.equals("update")) {
            Memory.CARD.store(PIN_BYTES, noted.before::restore);
        } else {
            Memory.CARD.store();
        }
        now.restore();
    }

    private static void keys(Noted noted, Snapshot now) {
        List<ByteContainer> changed = noted.before.changed(now);
        Snapshot secret = null;
        if (noted.receiver instanceof KeyPair pair) {
            secret = Snapshot.of(pair.getPrivate());
        }
        noted.before.restore();
        if (Memory.CARD.inTransaction()) {
            Memory.CARD.doubt("changes a key in a transaction: nothing says that it rolls back");
        }
        if (!changed.isEmpty() && !noted.method.equals("clearKey")) {
            Memory.CARD.store();
            changed.forEach(ByteContainer::clear);
        }
        Memory.CARD.store();
        if (secret != null) {
            secret.restore();
            Memory.CARD.store();
        }
        now.restore();
    }
}
