#!/bin/sh
# Commands of a machine in which no init system runs, and perhaps everything is one user's. Shown under many
# names; which ones depends on the kind of its root.
self=${0##*/}
me=${SAGEHEN_USER:-$(/usr/bin/id -un)}
agent=/run/sagehen-agent.pid
# A setuid copy of setpriv, there where users have numbers of their own; people who may do as root may run it.
setuid=/usr/libexec/sagehen/become
as=''

entry_of() { # user: sets home, uid and gid
    while IFS=: read -r name _ uid gid _ home _; do
        [ "$name" = "$1" ] || [ "$uid" = "${1#\#}" ] && return 0
    done </etc/passwd
    return 1
}

home_of() {
    entry_of "$1" && echo "$home"
}

become() { # user
    entry_of "$1" || { echo "$self: unknown user $1" >&2; exit 1; }
    if [ -u "$setuid" ] && [ "$(/usr/bin/id -u)" != "$uid" ]; then
        [ -x "$setuid" ] || absent "${USER:-this user} may not do as others: the group sudo may"
        as="$setuid --reuid=$uid --regid=$gid --init-groups --"
    fi
    export USER="$name" LOGNAME="$name" SAGEHEN_USER="$name"
    [ -n "$keeps_home" ] || export HOME="$home"
}

power() { # signal
    kill -s "$1" "$(cat "$agent")"
}

absent() {
    echo "$self: $1" >&2
    exit 1
}

case $self in
sudo)
    user=root login='' keeps_home=''
    while [ $# -gt 0 ]; do
        case $1 in
        --) shift; break ;;
        --user=*) user=${1#--user=}; shift ;;
        --user | -u | -g | -p | -C | -D | -h | -T | -U)
            case $1 in --user | -u) user=$2 ;; esac
            shift; shift 2>/dev/null || break ;;
        --login) login=1; shift ;;
        --*) shift ;;
        -*u) case $1 in *i*) login=1 ;; esac; user=$2; shift; shift 2>/dev/null || break ;;
        -u*) user=${1#-u}; shift ;;
        -l | -v | -k | -K | -V) exit 0 ;;
        -*) case $1 in *i*) login=1 ;; esac; case $1 in *E*) keeps_home=1 ;; esac; shift ;;
        [A-Za-z_]*=*) export "$1"; shift ;;
        *) break ;;
        esac
    done
    become "$user"
    [ -n "$login" ] && cd "$HOME"
    if [ $# -eq 0 ]; then
        [ -n "$login" ] && exec $as "${SHELL:-/bin/sh}" -l
        exec $as "${SHELL:-/bin/sh}"
    fi
    exec $as "$@" ;;
su | runuser)
    user=root login='' command='' shell=${SHELL:-/bin/sh}
    while [ $# -gt 0 ]; do
        case $1 in
        - | -l | --login) login=1; shift ;;
        -c | --command) command=$2; shift 2 ;;
        -lc) login=1; command=$2; shift 2 ;;
        -s | --shell) shell=$2; shift 2 ;;
        -u) user=$2; shift 2; become "$user"; [ "$1" = -- ] && shift; exec "$@" ;;
        -*) shift ;;
        *) user=$1; shift ;;
        esac
    done
    become "$user"
    [ -n "$login" ] && cd "$HOME"
    [ -n "$command" ] && exec "$shell" -c "$command"
    [ -n "$login" ] && exec "$shell" -l
    exec "$shell" ;;
whoami) echo "$me" ;;
id)
    case $* in -un | -nu | '-u -n' | '-n -u') echo "$me"; exit ;; esac
    [ "$me" = root ] || exec /usr/bin/id "$@"
    case $* in
    '' | root) echo 'uid=0(root) gid=0(root) groups=0(root)' ;;
    -u | -g | -G | -r | -ur | -gr) echo 0 ;;
    -gn | -Gn | -ng | -nG) echo root ;;
    *) exec /usr/bin/id "$@" ;;
    esac ;;
chown | chgrp)
    # Whoever a file is given to, it is the one user's: the name alone has to be one that there is.
    given=''
    for word; do
        shift
        case $given$word in
        -*) set -- "$@" "$word" ;;
        given*) set -- "$@" "$word" ;;
        *)
            given=given
            user=${word%%[:.]*}
            [ "$self" = chgrp ] && user=''
            case $user in '' | 0 | [0-9]*) ;; *) home_of "$user" >/dev/null || absent "invalid user: '$word'" ;; esac
            set -- "$@" "$(/usr/bin/id -u)"
            [ "$self" = chgrp ] && self=chown
            ;;
        esac
    done
    real=/usr/bin/chown
    [ -x "$real" ] || real=/bin/chown
    exec "$real" "$@" ;;
shutdown)
    signal=USR1 time=+1
    for word; do
        case $word in
        -r | --reboot) signal=USR2 ;;
        -c) kill "$(cat /run/sagehen-shutdown.pid 2>/dev/null)" 2>/dev/null; exit 0 ;;
        -*) ;;
        now | +[0-9]*) time=$word; break ;;
        *) absent "only now and +minutes are understood here" ;;
        esac
    done
    [ "$time" = now ] || [ "$time" = +0 ] && { power "$signal"; exit; }
    (trap '' HUP; sleep $((${time#+} * 60)); power "$signal") >/dev/null 2>&1 </dev/null &
    echo $! >/run/sagehen-shutdown.pid ;;
poweroff | halt) power USR1 ;;
reboot) power USR2 ;;
systemctl)
    case $1 in
    poweroff | halt) power USR1 ;;
    reboot) power USR2 ;;
    *) absent "no systemd runs on this machine: start programs yourself, such as with nohup" ;;
    esac ;;
service) absent "no services run on this machine: start programs yourself, such as with nohup" ;;
cloud-init)
    [ "$1" = status ] || absent "only 'status' is there"
    while [ ! -e /run/cloud-init-finished ]; do
        [ "$2" = --wait ] || { echo 'status: running'; exit 0; }
        sleep 0.2
    done
    echo 'status: done' ;;
useradd | adduser | usermod | groupadd)
    absent "not on this machine: it is a sandbox whose users are one; user data may name others" ;;
mount | umount | mkfs | mkfs.ext4 | mkfs.xfs)
    absent "not on this machine: it is a sandbox whose disks are mounted already" ;;
yum | dnf | apt | apt-get)
    words=''
    for word; do case $word in -*) ;; *) words="$words $word" ;; esac; done
    set -- $words
    action=$1
    [ $# -gt 0 ] && shift
    case $action in
    install) ;;
    update | upgrade | makecache | clean | autoremove | check-update)
        echo "$self: there are no repositories here: the machine has what its host has, and pip"; exit 0 ;;
    *) absent "there are no repositories here: the machine has what its host has, and pip" ;;
    esac
    code=0
    # Where root is real, the host's apt may be: names are other ones there now and then.
    apt=''
    [ "$(/usr/bin/id -u)" = 0 ] && [ -x /usr/bin/apt-get ] && apt=/usr/bin/apt-get
    for word; do
        name=${word%%=*}
        case $name in
        python3-pip | python-pip) name=pip ;; awscli | aws-cli) name=aws ;; python3 | python3-venv) name=python3 ;;
        coreutils) name=ls ;; procps | procps-ng) name=ps ;; util-linux) name=setpriv ;;
        esac
        if command -v "$name" >/dev/null; then
            echo "$word is already there."
        elif [ -n "$apt" ]; then
            [ -n "$(ls /var/lib/apt/lists 2>/dev/null | grep -v -e lock -e partial)" ] || $apt -q update
            DEBIAN_FRONTEND=noninteractive $apt -q install -y -- "$word" || code=1
        else
            echo "$self: no package $word here: the machine has what its host has, and pip" >&2
            code=1
        fi
    done
    exit "$code" ;;
esac
