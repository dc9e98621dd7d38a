package tearing;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import javacard.security.ECPrivateKey;
import javacard.security.KeyAgreement;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * What an applet asks of the platform, in the order of its calls: for tests that count what a
 * command costs. Counted is where the call stands, so that one that fails counts, too.
 */
public final class Operations {
    /** What an operation is. */
    public enum Kind {
        /** A signature; its bytes are those signed, however many calls they came in. */
        SIGN,
        /** A check of a signature; as for SIGN. */
        VERIFY,
        /** A key agreement; no bytes. */
        AGREE,
        /** A new key pair; no bytes. */
        KEY_PAIR,
        /** A private key that is set in an object; no bytes. */
        KEY_SET,
        /** A hash; its bytes are those hashed, however many calls they came in. */
        HASH,
        /** A cipher that got a key; no bytes. */
        CIPHER_INIT,
        /** A call of a cipher, with the bytes given to it. */
        CIPHER,
        /** Random bytes. */
        RANDOM,
        /** A store that a transaction would take back; its bytes, as many as are stored. */
        STORE,
        /** A store of a reference to an object; no bytes. */
        REFERENCE,
        /** A transaction that was committed and had stored something; no bytes. */
        COMMIT
    }

    /** One operation. */
    public record Operation(Kind kind, int bytes) {
    }

    private static final List<Operation> DONE = new ArrayList<>();
    private static final Map<Object, Integer> FED = new IdentityHashMap<>();
    private static boolean isCounting;

    private Operations() {
    }

    /** Returns what was done since the last call. The first call begins to count. */
    public static synchronized List<Operation> take() {
        Agent.check();
        isCounting = true;
        List<Operation> done = List.copyOf(DONE);
        DONE.clear();
        return done;
    }

    static synchronized void count(Kind kind, int bytes) {
        if (isCounting) {
            DONE.add(new Operation(kind, bytes));
        }
    }

    /** Counts a call of the platform, by what it is called on. */
    static synchronized void count(Object receiver, String method, Object[] arguments) {
        if (!isCounting) {
            return;
        }
        if (receiver instanceof Signature) {
            countSignature(receiver, method, arguments);
        } else if (receiver instanceof MessageDigest) {
            countHash(receiver, method, arguments);
        } else if (receiver instanceof Cipher) {
            if (method.equals("init")) {
                count(Kind.CIPHER_INIT, 0);
            } else if (method.equals("update") || method.equals("doFinal")) {
                count(Kind.CIPHER, len(arguments));
            }
        } else if (receiver instanceof KeyAgreement && method.equals("generateSecret")) {
            count(Kind.AGREE, 0);
        } else if (receiver instanceof KeyPair && method.equals("genKeyPair")) {
            count(Kind.KEY_PAIR, 0);
        } else if (receiver instanceof ECPrivateKey && method.equals("setS")) {
            count(Kind.KEY_SET, 0);
        } else if (receiver instanceof RandomData
                && (method.equals("generateData") || method.equals("nextBytes"))) {
            count(Kind.RANDOM, len(arguments));
        }
    }

    private static void countSignature(Object receiver, String method, Object[] arguments) {
        switch (method) {
            case "init" -> FED.remove(receiver);
            case "update" -> FED.merge(receiver, len(arguments), Integer::sum);
            case "sign" -> count(Kind.SIGN, fed(receiver) + len(arguments));
            case "verify" -> count(Kind.VERIFY, fed(receiver) + len(arguments));
            default -> {
            }
        }
    }

    private static void countHash(Object receiver, String method, Object[] arguments) {
        switch (method) {
            case "reset" -> FED.remove(receiver);
            case "update" -> FED.merge(receiver, len(arguments), Integer::sum);
            case "doFinal" -> count(Kind.HASH, fed(receiver) + len(arguments));
            default -> {
            }
        }
    }

    private static int fed(Object receiver) {
        Integer fed = FED.remove(receiver);
        return fed == null ? 0 : fed;
    }

    /** All of these methods begin with an array, an offset and a length. */
    private static int len(Object[] arguments) {
        return (Integer) arguments[2];
    }
}
