package tearing;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The power of the card, for tests. A cut is before a store: with {@code cutAt(n)}, stores 1 to
 * n - 1 happen, the n-th doesn't, and the command ends with {@link PowerCut}. A commit is a store,
 * and the one that a cut may also come after: there the command has done everything but answer.
 * Resetting jCardSim's card brings the power back.
 */
public final class Power {
    private static final int TOO_MANY = 100_000;

    /** Looks at a card after a cut, or after the last run, which none ended. */
    @FunctionalInterface
    public interface Judge<C> {
        /**
         * Fails if the card is in no state that it may be in.
         *
         * @param card the card, whose power is back; it hasn't been reset yet
         * @param cutAt the store that the power was cut before, or 0 if the command ended
         */
        void judge(C card, long cutAt);
    }

    private Power() {
    }

    /** Counts from 0 and cuts before the n-th store from now on; 0: never. Power is back. */
    public static void cutAt(long n) {
        Agent.check();
        if (n < 0) {
            throw new IllegalArgumentException("stores are counted from 1: " + n);
        }
        Memory.CARD.cutAt(n);
    }

    /** Counts from 0 and cuts after the n-th commit from now on; 0: never. Power is back. */
    public static void cutAfterCommit(long n) {
        Agent.check();
        if (n < 0) {
            throw new IllegalArgumentException("commits are counted from 1: " + n);
        }
        Memory.CARD.cutAfter(n);
    }

    /** Brings the power back, forgets a cut that is to come, and counts from 0. */
    public static void reset() {
        cutAt(0);
    }

    /** Returns how many stores were begun since {@link #cutAt} or {@link #reset}. */
    public static long stores() {
        Agent.check();
        return Memory.CARD.stores();
    }

    /** Says whether the power is off. */
    public static boolean isCut() {
        Agent.check();
        return Memory.CARD.isCut();
    }

    /**
     * Has transactions that hold more bytes fail as on a card, by TransactionException.BUFFER_FULL;
     * 0: none does, as in the beginning. What a card adds to each store doesn't count.
     */
    public static void capacity(int bytes) {
        Agent.check();
        Memory.CARD.capacity(bytes);
    }

    /**
     * Returns how many bytes the largest transaction held since then: without what a card adds to
     * each store, so a lower bound.
     */
    public static int largestTransaction() {
        Agent.check();
        return Memory.CARD.largest();
    }

    /** Returns what was done since then whose outcome the specification leaves open, by place. */
    public static Set<String> doubts() {
        Agent.check();
        return Memory.CARD.doubts();
    }

    /**
     * Runs a command on a card in the same state again and again, cut before its first store, its
     * second and so on, until it ends. Returns how many stores it makes.
     *
     * @param fresh makes a card in the state before the command
     * @param command runs the command
     * @param judge looks at the card afterwards
     */
    public static <C> long everyCut(Supplier<C> fresh, Consumer<C> command, Judge<C> judge) {
        for (long n = 1; n <= TOO_MANY; n++) {
            reset();
            C card = fresh.get();
            cutAt(n);
            try {
                command.accept(card);
            } catch (PowerCut cut) {
                Memory.CARD.powerOn();
                judge.judge(card, n);
                continue;
            }
            if (isCut()) {
                throw new IllegalStateException("the power cut before store " + n + " was lost");
            }
            long stores = stores();
            reset();
            judge.judge(card, 0);
            return stores;
        }
        throw new IllegalStateException("more than " + TOO_MANY + " stores in one command");
    }
}
