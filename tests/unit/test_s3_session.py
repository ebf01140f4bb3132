"""What the credentials of one job may do."""

from eodh_runner.store.s3_address import Credentials, S3Address
from eodh_runner.store.s3_session import lend, session_policy


def test_session_holds_one_folder_of_the_store_alone():
    policy = session_policy(S3Address("bucket", "pre"), "ws/jobs/j")

    assert [
        (statement["Action"], statement["Resource"], statement.get("Condition"))
        for statement in policy["Statement"]
    ] == [
        (
            [
                "s3:GetObject",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ],
            "arn:aws:s3:::bucket/pre/ws/jobs/j/*",
            None,
        ),
        (
            ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "arn:aws:s3:::bucket",
            {"StringLike": {"s3:prefix": ["pre/ws/jobs/j/*"]}},
        ),
    ]


def test_without_a_role_a_job_gets_the_keys_of_this_moment(tmp_path):
    path = tmp_path / "credentials"
    path.write_text(Credentials("a", "b", "c").to_text())
    address = S3Address("bucket", credentials=path)

    assert lend(address, "ws/jobs/j", "j").credentials == Credentials("a", "b", "c")
    path.write_text(Credentials("d", "e").to_text())
    assert lend(address, "ws/jobs/j", "j").credentials == Credentials("d", "e")
