#!/bin/sh
# kernel-list.sh FOLDER
#
# Makes testdata/ima anew: boots Debian's own kernel in QEMU with a swtpm as its TPM, lets IMA
# measure what runs there, and writes into FOLDER the measurement list in both of the kernel's
# forms and the PCR 10 that the kernel read from the TPM. Needs qemu-system-x86, swtpm-tools,
# busybox-static and cpio, and a network for the kernel's package. It starts nothing that outlives
# it and needs no privileges.
set -eu

out=$(mkdir -p -- "$1" && CDPATH='' cd -- "$1" && pwd)
work=$(mktemp -d)
trap 'kill "$tpm" 2>/dev/null || :; rm -rf "$work"' EXIT
tpm=
cd "$work"
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
apt-get -qq download "$package"
dpkg -x linux-image-*.deb kernel
version=$(dpkg-deb -f linux-image-*.deb Version | cut -d- -f1)

mkdir -p root/bin root/usr/bin root/proc root/sys root/dev root/tmp state
cp /bin/busybox root/bin/
printf '#!/bin/busybox sh\necho wallet runs\n' >root/usr/bin/wallet
printf '#!/bin/busybox sh\necho second runs\n' >"root/usr/bin/second program"
cat >root/init <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
$b mount -t securityfs securityfs /sys/kernel/security
ima=/sys/kernel/security/ima
echo 'measure func=BPRM_CHECK mask=MAY_EXEC' >/tmp/policy
$b cat /tmp/policy >$ima/policy
/usr/bin/wallet
"/usr/bin/second program"
echo "@binary $($b base64 $ima/binary_runtime_measurements | $b tr -d '\n')"
$b sed 's/^/@ascii /' $ima/ascii_runtime_measurements
echo "@pcr10 $($b cat /sys/class/tpm/tpm0/pcr-sha256/10)"
$b poweroff -f
INIT
chmod +x root/init root/usr/bin/*
(cd root && find . | cpio -o -H newc 2>/dev/null | gzip) >initrd

swtpm_setup --tpm2 --tpmstate "$work/state" >setup.log
swtpm socket --tpm2 --tpmstate "dir=$work/state" \
	--ctrl "type=unixio,path=$work/control" --terminate >swtpm.log 2>&1 &
tpm=$!
until [ -S "$work/control" ]; do kill -0 "$tpm"; done
timeout 300 qemu-system-x86_64 -m 512 -nographic -no-reboot -nic none \
	-kernel kernel/boot/vmlinuz-* -initrd initrd \
	-append 'console=ttyS0 quiet ima_template=ima-ng' \
	-chardev "socket,id=tpm,path=$work/control" \
	-tpmdev emulator,id=tpm0,chardev=tpm -device tpm-tis,tpmdev=tpm0 | tr -d '\r' >log

sed -n 's/^@binary //p' log | base64 -d >"$out/linux-$version.bin"
sed -n 's/^@ascii //p' log >"$out/linux-$version.txt"
sed -n 's/^@pcr10 //p' log >"$out/linux-$version.pcr10"
[ -s "$out/linux-$version.pcr10" ] || { cat log >&2; exit 1; }
echo "linux-$version: PCR 10 $(cat "$out/linux-$version.pcr10")"
