"""A batch of messages takes the permission for one.

Gap: MiniStack asks for sqs:SendMessageBatch, sns:PublishBatch and the like, which are no actions of
IAM: a role that may send messages could not send ten of them at once. On AWS an operation on a
batch is authorized as that on one message.
Leans on: extract_iam_action of core/iam_actions.py, which app.py imports for each request.
"""

from ministack.core import iam_actions

_ACTIONS = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def apply():
    extract = iam_actions.extract_iam_action

    def extract_action(*request):
        action = extract(*request)
        return _ACTIONS.get(action, action)

    iam_actions.extract_iam_action = extract_action
