package tapbench;

/** What survives power-off. This class alone will begin transactions. */
final class Persistent {
    /** One byte: Wire.LIFE_CYCLE_…. */
    private byte lifeCycle = Wire.LIFE_CYCLE_SELECTABLE;

    byte lifeCycle() {
        return lifeCycle;
    }
}
