#!/bin/sh
# firmware-init.sh: the first program of the machine that firmware-log.sh boots. It lets IMA measure
# a wallet and writes what firmware-log.sh looks for to the console.
set -eu
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
$b mount -t securityfs securityfs /sys/kernel/security
echo 'measure func=BPRM_CHECK mask=MAY_EXEC' >/tmp/policy
$b cat /tmp/policy >/sys/kernel/security/ima/policy
echo
/usr/bin/wallet
list=$($b base64 /sys/kernel/security/ima/binary_runtime_measurements | $b tr -d '\n')
for pcr in 0 1 2 3 4 5 6 7 8 9 10; do
	echo "@pcr $pcr $($b cat /sys/class/tpm/tpm0/pcr-sha256/$pcr)"
done
echo "@log $($b base64 /sys/kernel/security/tpm0/binary_bios_measurements | $b tr -d '\n')"
echo "@list $list"
$b poweroff -f
