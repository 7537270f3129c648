#!/bin/bash
set -e
echo "bash in $(pwd) with $1 and $(python3 -c 'import sys; print(sys.version_info.major)')"
test -s /opt/ml/input/config/hyperparameters.json
echo "written by a shell" > /opt/ml/model/note.txt
