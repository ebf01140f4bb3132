"""A real control plane on loopback with fake nodes: for scale, and beside the real cluster.

Real: etcd, kube-apiserver, kube-scheduler, the garbage collector, S3, and the runner.
Faked: nodes and what they do with pods.  No image is pulled and no container is started;
KWOK keeps the nodes and lets pods go that are deleted (`stage.py`), and one program plays
what stage-in, the wrapper and collect would say (`player.py`).  It needs no root and no
bridge.
"""
