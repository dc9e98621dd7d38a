package tapbench.emv;

/** Which data groupings an application takes, and when they are all that it needs. */
interface GroupRules {
    /** Refuses one that the application doesn't know, 6A88, or of a wrong length, 6A80. */
    void check(short id, short len);

    /** Looks at a value that is whole, and may take it away from where it lies. Wrong: 6A80. */
    void checkValue(short at);

    /** Refuses a personalisation that lacks something, 6985. */
    void checkAll();
}
