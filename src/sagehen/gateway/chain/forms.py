"""Browsers' form uploads to S3: the fields of a form take the place of a request's head."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.gateway.chain.failures import code_of, refuse
from sagehen.gateway.chain.performing import Performing
from sagehen.gateway.chain.trace import Trace
from sagehen.gateway.operations.table import Called, OperationTable
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.s3 import addressing
from sagehen.gateway.s3.forms.answer import form_answer
from sagehen.gateway.s3.forms.fields import claim_of, key_of, object_path, put_headers
from sagehen.gateway.s3.forms.policy import read_policy
from sagehen.gateway.s3.forms.upload import FormUpload
from sagehen.gateway.signatures.authenticate import NOBODY
from sagehen.protocol.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Forms:
    """Stores what browsers upload.

    Args:
        operations: Where S3's PutObject is, which an upload becomes.
        performing: Its steps.
    """

    operations: OperationTable
    performing: Performing

    async def upload(self, incoming: Incoming, target: addressing.Target, trace: Trace) -> HttpResponse:
        """A browser's form: its policy stands for the signature, its fields for a PutObject's headers."""
        called = self.operations.put_object(target.bucket, "")
        trace.service, trace.operation, trace.bucket = "s3", "PutObject", target.bucket
        try:
            return await self._store(incoming, target, called, trace)
        except Exception as error:
            trace.error = code_of(error)
            return refuse(incoming, called, error)

    async def _store(
        self, incoming: Incoming, target: addressing.Target, called: Called, trace: Trace
    ) -> HttpResponse:
        form = FormUpload(incoming)
        await form.read_fields()
        fields = form.fields
        claim = claim_of(fields)
        proof = NOBODY
        if claim is not None:
            if not claim.problem:
                self.performing.check_region(claim, called, incoming, target)
            # Signature before policy, both before a byte of the file is stored.
            proof = self.performing.authenticator.verify_policy(claim, fields["policy"])
            policy = read_policy(fields["policy"])
            policy.check_fields(fields, target.bucket, self.performing.authenticator.now())
            form.on_end = policy.check_size
        key = key_of(fields, form.file_name)
        trace.principal, trace.key = proof.principal.arn, key
        called = self.operations.put_object(target.bucket, key)
        path = object_path(target.bucket, key)
        message = HttpRequest("PUT", path, "", put_headers(fields), form)
        context = self.performing.context(incoming, called, proof, target.bucket)
        stored = await self.performing.run(called, called.implementation(), context, message)
        return form_answer(incoming, fields, target, key, stored)
