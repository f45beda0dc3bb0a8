/* Faults at the system calls of one process that change files below one folder.

   Preloaded (LD_PRELOAD), armed by faults_arm(): every call that writes, makes or renames there is
   counted, and from the chosen one on

     FULL   fails with ENOSPC, as on a disk that is full (a call that only shrinks or renames may)
     KILL   the process is gone before the call
     TORN   half of what should be written is, and the process is gone

   It sees what goes through the dynamic linker: SQLite, Python and faiss (fwrite) do. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OFF, COUNT, FULL, KILL, TORN };

static char folder[4096];
static size_t folder_length;
static int mode = OFF;
static long first;
static atomic_long calls, injected, clock_calls;
static long clock_amplitude;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void faults_arm(const char *where, int how, long from) {
    snprintf(folder, sizeof folder, "%s", where);
    folder_length = strlen(folder);
    first = from;
    mode = how;
}
long faults_calls(void) { return calls; }
long faults_injected(void) { return injected; }
long faults_clock_calls(void) { return clock_calls; }
void faults_clock(long amplitude_seconds) { clock_amplitude = amplitude_seconds; }

static int is_below(const char *path) {
    return mode != OFF && path && !strncmp(path, folder, folder_length);
}

static int is_ours(int fd) {
    char link[64], path[4096];
    if (mode == OFF) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Count a call; 1: it fails with ENOSPC; 2: half of it is done, then the process dies. */
static int strikes(void) {
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (mode == FULL && number >= first) {
        atomic_fetch_add(&injected, 1);
        errno = ENOSPC;
        return 1;
    }
    if (mode == KILL && number == first) die();
    return mode == TORN && number == first ? 2 : 0;
}

/* Count a call that has no halves. */
static int fails(void) {
    int strike = strikes();
    if (strike == 2) die();
    return strike == 1;
}

/* Count a call that needs no space. */
static void passes(void) {
    long number = atomic_fetch_add(&calls, 1) + 1;
    if ((mode == KILL || mode == TORN) && number == first) die();
}

ssize_t write(int fd, const void *data, size_t size) {
    int strike = is_ours(fd) ? strikes() : 0;
    if (strike == 1) return -1;
    if (strike == 2) { REAL(write)(fd, data, size / 2); die(); }
    return REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    int strike = is_ours(fd) ? strikes() : 0;
    if (strike == 1) return -1;
    if (strike == 2) { REAL(pwrite)(fd, data, size / 2, at); die(); }
    return REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    int strike = is_ours(fd) ? strikes() : 0;
    if (strike == 1) return -1;
    if (strike == 2) { REAL(pwrite64)(fd, data, size / 2, at); die(); }
    return REAL(pwrite64)(fd, data, size, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (is_ours(fd) && fails()) return -1;
    return REAL(writev)(fd, parts, count);
}
size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
    int strike = is_ours(fileno(file)) ? strikes() : 0;
    if (strike == 1) return 0;
    if (strike == 2) { REAL(fwrite)(data, size, count / 2, file); fflush(file); die(); }
    return REAL(fwrite)(data, size, count, file);
}
int fsync(int fd) { return is_ours(fd) && fails() ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return is_ours(fd) && fails() ? -1 : REAL(fdatasync)(fd); }
int fallocate(int fd, int how, off_t at, off_t size) {
    return is_ours(fd) && fails() ? -1 : REAL(fallocate)(fd, how, at, size);
}
int posix_fallocate(int fd, off_t at, off_t size) {
    return is_ours(fd) && fails() ? ENOSPC : REAL(posix_fallocate)(fd, at, size);
}
static int truncates(int fd, off_t size) {
    struct stat about;
    if (!is_ours(fd)) return 0;
    if (!fstat(fd, &about) && size > about.st_size) return fails();
    passes();
    return 0;
}
int ftruncate(int fd, off_t size) { return truncates(fd, size) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) {
    return truncates(fd, size) ? -1 : REAL(ftruncate64)(fd, size);
}
int mkdir(const char *path, mode_t bits) {
    return is_below(path) && access(path, F_OK) && fails() ? -1 : REAL(mkdir)(path, bits);
}
int rename(const char *from, const char *to) {
    if (is_below(to)) passes();
    return REAL(rename)(from, to);
}
int unlink(const char *path) {
    if (is_below(path)) passes();
    return REAL(unlink)(path);
}
static int makes(const char *path, int flags) {
    return (flags & O_CREAT) && is_below(path) && access(path, F_OK) && fails();
}
#define OPENS(name)                                                        \
    int name(const char *path, int flags, ...) {                           \
        va_list rest;                                                      \
        va_start(rest, flags);                                             \
        mode_t bits = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;        \
        va_end(rest);                                                      \
        return makes(path, flags) ? -1 : REAL(name)(path, flags, bits);    \
    }
OPENS(open)
OPENS(open64)

/* The wall clock goes hours back and forth, another way at every look. */
int clock_gettime(clockid_t which, struct timespec *now) {
    int status = REAL(clock_gettime)(which, now);
    if (clock_amplitude && which == CLOCK_REALTIME) {
        long number = atomic_fetch_add(&clock_calls, 1);
        now->tv_sec += (number * 7919 % (2 * clock_amplitude)) - clock_amplitude;
    }
    return status;
}
