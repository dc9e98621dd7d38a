package tearing;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javacard.security.CryptoException;

/**
 * Algorithms that the simulated platform does without: getInstance throws NO_SUCH_ALGORITHM for
 * them, as on a card that hasn't them. An algorithm is named by its class and number: "Cipher 13".
 */
public final class Lacking {
    private static final Set<String> HIDDEN = ConcurrentHashMap.newKeySet();

    private Lacking() {
    }

    /** Hides these and no others from now on; what was made before stays. */
    public static void hide(Set<String> algorithms) {
        Agent.checkSources();
        HIDDEN.clear();
        HIDDEN.addAll(algorithms);
    }

    /** Stands at the beginning of getInstance. */
    public static void check(String type, byte algorithm) {
        if (HIDDEN.contains(type + " " + algorithm)) {
            CryptoException.throwIt(CryptoException.NO_SUCH_ALGORITHM);
        }
    }
}
